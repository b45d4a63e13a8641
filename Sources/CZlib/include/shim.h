// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

#pragma once
// Input is not written to.
#define ZLIB_CONST
#include <zlib.h>
