// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Makes routes of `--route PATTERN=TARGET`, and of the file's `route:` list.
struct RouteReader {
    let setting: Setting
    let defaults: RouteSettings

    func routes() throws(ConfigurationError) -> [(route: Route, place: SettingPlace)] {
        var routes: [(route: Route, place: SettingPlace)] = []
        for value in self.setting.values {
            switch value.content {
            case .text(let text): routes.append((try self.route(text, at: value.place), value.place))
            case .settings(let settings): routes.append((try self.route(settings, at: value.place), value.place))
            }
        }
        return routes
    }

    private func route(_ text: String, at place: SettingPlace) throws(ConfigurationError) -> Route {
        guard let equals = text.firstIndex(of: "=") else {
            throw self.failure("\(text): no =", "write PATTERN=TARGET, such as /ssh=tcp:127.0.0.1:22", at: place)
        }
        let target = String(text[text.index(after: equals)...])
        return try self.route(String(text[..<equals]), target, self.defaults, at: (place, place))
    }

    private func route(_ settings: [Setting], at place: SettingPlace) throws(ConfigurationError) -> Route {
        var own = self.defaults
        var pattern: (text: String, place: SettingPlace)?
        var target: (text: String, place: SettingPlace)?
        for setting in settings {
            let reader = SettingReader(setting: setting)
            switch setting.key {
            case "path": pattern = try reader.text()
            case "to": target = try reader.text()
            case "max-links": own.maxLinks = try reader.number()
            default:
                guard try RouteKey.apply(setting, to: &own) else {
                    throw reader.failure("no such key of a route", "see strait.conf(5)")
                }
            }
        }
        guard let pattern else { throw self.failure("a route without path", "add path: /PATH", at: place) }
        guard let target else { throw self.failure("a route without to", "add to: ADDRESS", at: place) }
        return try self.route(pattern.text, target.text, own, at: (pattern.place, target.place))
    }

    private func route(
        _ pattern: String,
        _ target: String,
        _ settings: RouteSettings,
        at places: (pattern: SettingPlace, target: SettingPlace)
    ) throws(ConfigurationError) -> Route {
        let parsed: RoutePattern
        do throws(ValueError) {
            parsed = try RoutePattern(pattern)
        } catch {
            throw self.failure(error.problem, error.expected, at: places.pattern)
        }
        do throws(ValueError) {
            let target = try RouteTarget(target, names: parsed.names)
            return Route(pattern: parsed, target: target, settings: settings)
        } catch {
            throw self.failure(error.problem, error.expected, at: places.target)
        }
    }

    private func failure(_ problem: String, _ expected: String, at place: SettingPlace) -> ConfigurationError {
        ConfigurationError(place: place, key: self.setting.key, problem: problem, expected: expected)
    }
}
