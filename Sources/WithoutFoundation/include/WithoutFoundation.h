// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

// There is nothing to call: see FoundationEssentials.c.
