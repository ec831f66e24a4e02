// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Canonical bytes of values, read within limits, and the checksummed frames that carry them: `docs/wire.md`.
#include "hearsay/wire/codec.hpp"
#include "hearsay/wire/frame.hpp"
