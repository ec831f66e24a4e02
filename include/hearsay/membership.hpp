// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Who is in a cluster, and who of them is alive (in hearsay::gossip): a data type and a failure detector.

#include "hearsay/membership/detector.hpp"
#include "hearsay/membership/member.hpp"
#include "hearsay/membership/members.hpp"
#include "hearsay/membership/message.hpp"
#include "hearsay/membership/options.hpp"
