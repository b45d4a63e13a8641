// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0
