// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/node/node.hpp>
#include <hearsay/node/options.hpp>
#include <hearsay/node/shared.hpp>
#include <hearsay/node/stats.hpp>
