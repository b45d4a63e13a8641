// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

// mallopt(3) and malloc_trim(3), which Swift's module of glibc leaves out.

#pragma once
#include <malloc.h>
