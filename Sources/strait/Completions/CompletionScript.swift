// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What a shell needs to complete command lines: a script for each command, and one that asks the right one of them.
enum CompletionScript {
    /// - Parameter words: the command line without the program's name.
    /// - Returns: `nil` if no script is asked for, or none of a shell that is known.
    static func text(askedForBy words: [String]) -> String? {
        guard words.first == "--generate-completion-script", words.count <= 2 else { return nil }
        let shell = words.count == 2 ? CompletionShell(rawValue: words[1]) : CompletionShell.autodetected()
        return shell.map(Self.text)
    }

    static func text(for shell: CompletionShell) -> String {
        let commands: [any Command.Type] = [Arguments.self] + Self.subcommands.compactMap { Commands.named[$0.name] }
        let scripts = commands.map { Self.script(of: $0, for: shell) }
        let (head, dispatch) =
            switch shell {
            case .bash: ("#!/bin/bash", Self.bash)
            case .zsh: ("#compdef strait", Self.zsh)
            case _: ("", Self.fish)
            }
        return ([head] + scripts + [dispatch]).joined(separator: "\n")
    }

    private static func script<Wrapped: Command>(of _: Wrapped.Type, for shell: CompletionShell) -> String {
        let lines = CompletedCommand<Wrapped>.completionScript(for: shell).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        // The first line says what the file is, and is not for its middle.
        return lines.dropFirst(shell == .fish ? 0 : 1).filter { line in !Self.ofHelp.contains { line.hasSuffix($0) } }
            .joined(separator: "\n")
    }

    /// Ends of the lines that offer a subcommand `help`, which no command has, and beside which zsh takes no address.
    private static let ofHelp = [
        #"COMPREPLY+=($(compgen -W 'help' -- "${cur}"))"#, "'(-): :->command'", "'(-)*:: :->arg'",
        "-fa 'help' -d 'Show subcommand help information.'",
    ]

    private static let subcommands = [
        (name: "check", help: "Tell why a tunnel does not work"), (name: "serve", help: "Lead clients to services"),
    ]

    // MARK: Shells

    private static let bash = """
        _strait() {
            local command=relay
            case "${COMP_WORDS[1]}" in
            check | serve)
                if [[ "${COMP_CWORD}" -gt 1 ]]; then
                    command="${COMP_WORDS[1]}"
                    COMP_WORDS=("${COMP_WORDS[0]}" "${COMP_WORDS[@]:2}")
                    COMP_CWORD="$((COMP_CWORD - 1))"
                fi
                ;;
            esac
            "__strait_${command}" "_strait_${command}" "${2}" "${3}"
            if [[ "${command}" = relay && "${COMP_CWORD}" -eq 1 ]]; then
                COMPREPLY+=($(compgen -W 'check serve' -- "${2}"))
            fi
        }

        complete -o filenames -F _strait strait
        """

    private static let zsh = """
        _strait() {
            local -i ret=1
            if [[ "${CURRENT}" -gt 2 && "${words[2]}" = (check|serve) ]]; then
                local -r command="${words[2]}"
                shift words
                ((CURRENT--))
                "__strait_${command}" "${@}"
                return
            fi
            if [[ "${CURRENT}" -eq 2 ]]; then
                local -ar commands=(\(Self.subcommands.map { "'\($0.name):\($0.help)'" }.joined(separator: " ")))
                _describe command commands && ret=0
            fi
            __strait_relay "${@}" && ret=0
            return "${ret}"
        }

        if [[ "${funcstack[1]}" = _strait ]]; then
            _strait "${@}"
        else
            compdef _strait strait
        fi
        """

    private static let fish = """
        # Commands that are not there are not completed.
        function _strait_relay; end
        function _strait_check; end
        function _strait_serve; end

        function __strait_command_line
            set -l words (commandline -opc)
            set -e words[1]
            set -l command relay
            if contains -- "$words[1]" check serve
                set command $words[1]
                set -e words[1]
            end
            set -q words[1]; and set words (string escape -- $words)
            set -l current (commandline -ct)
            string join -- ' ' "_strait_$command" $words "$current"
        end

        complete -c strait -f -a '(complete -C (__strait_command_line))'
        \(Self.subcommands.map(Self.fishCommand).joined(separator: "\n"))
        """

    private static func fishCommand(name: String, help: String) -> String {
        "complete -c strait -n 'test (count (commandline -opc)) -eq 1' -f -a \(name) -d '\(help)'"
    }
}
