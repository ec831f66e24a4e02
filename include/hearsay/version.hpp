// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The version of the library, by SemVer. The build reads it from here. The version of the wire format is a
/// number of its own.
#define HEARSAY_VERSION_MAJOR 0
#define HEARSAY_VERSION_MINOR 1
#define HEARSAY_VERSION_PATCH 0
