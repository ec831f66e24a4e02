// SPDX-License-Identifier: BSL-1.0
#pragma once

// Catch2 v3 and v2 from the same test source.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
