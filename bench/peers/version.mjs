// SPDX-License-Identifier: BSL-1.0
import { readFileSync } from 'node:fs'

/// The version that package.json pins.
export const version = (name) =>
  JSON.parse(readFileSync(new URL('package.json', import.meta.url))).dependencies[name]
