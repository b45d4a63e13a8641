// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

// The parser of libyaml, which Debian has as a static library, too: nothing is added to what the binary needs.

#pragma once
#include <yaml.h>
