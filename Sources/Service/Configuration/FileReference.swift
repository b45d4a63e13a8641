// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A file that the configuration names, and where it does.
struct FileReference: Hashable, Sendable {
    let path: String
    let key: String
    let place: SettingPlace
}
