// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "hearsay/membership/detector.hpp"
#include "hearsay/membership/member.hpp"
#include "hearsay/membership/members.hpp"
#include "hearsay/membership/message.hpp"
#include "hearsay/membership/options.hpp"
