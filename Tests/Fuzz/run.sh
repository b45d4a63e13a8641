#!/bin/sh
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [TARGET...]         fuzzes these targets, or all, for FUZZ_SECONDS (600) in all
# run.sh --keep [TARGET...]  copies into Corpus, of what was found, what reaches code that Corpus does not
#
# A crashing input stays in its folder of Corpus, so that the tests replay it from then on.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/Tests/Fuzz
scratch=$root/.build/fuzz
seconds=${FUZZ_SECONDS:-600}

keep=
[ "${1-}" != --keep ] || { keep=1; shift; }
[ $# -gt 0 ] || set -- $(ls "$here/Corpus")

# gold drops the sections that count coverage. The backtracer would wait at a crash for nobody. The last -sanitize= decides
# whether Swift's code counts coverage, and SwiftPM puts its own into any order.
export STRAIT_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift=${SWIFT:-swift}
build() { $swift build --package-path "$root" --scratch-path "$scratch" --configuration release --product fuzz \
    --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing -Xswiftc -use-ld=lld -Xswiftc -sanitize=fuzzer \
    -Xcc -fsanitize=fuzzer-no-link "$@"; }
build
program=$(build --show-bin-path)/fuzz

# run TARGET OPTION...: one run over what was found before, and the corpus.
run() {
    target=$1
    shift
    mkdir -p "$scratch/found/$target"
    dictionary=$here/Dictionaries/$target.dict
    [ ! -e "$dictionary" ] || set -- "$@" -dict="$dictionary"
    FUZZ_TARGET=$target "$program" -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=20000 \
        -artifact_prefix="$here/Corpus/$target/" -print_final_stats=1 "$@" >"$scratch/$target.log" 2>&1
}

status=0
for target; do
    if [ -n "$keep" ]; then
        # Counters tell how often code runs, for which there would be hundreds of files more.
        run "$target" -merge=1 -use_counters=0 "$here/Corpus/$target" "$scratch/found/$target"
        for file in "$here/Corpus/$target"/*; do
            name=$(basename "$file")
            [ ! -e "$scratch/found/$target/$name" ] || mv "$file" "$here/Corpus/$target/found-$(echo "$name" | cut -c1-12)"
        done
        echo "$target: $(ls "$here/Corpus/$target" | wc -l) files"
        continue
    fi
    if ! run "$target" -max_total_time=$((seconds / $#)) "$scratch/found/$target" "$here/Corpus/$target"; then
        status=1
        echo "$target: FAILED, see $scratch/$target.log"
        grep -E '^(broken|Fatal error|.*Fatal error:|SUMMARY|.*Test unit written)' "$scratch/$target.log" || :
    fi
    if grep -q 'Is the code instrumented' "$scratch/$target.log"; then
        status=1
        echo "$target: FAILED, nothing counts what an input reaches"
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$target.log")
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$scratch/$target.log" | tail -n 1)
    echo "$target: ${executions:-?} executions, ${covered:-?} edges covered," \
        "$(ls "$here/Corpus/$target" | wc -l) files in Corpus, $(ls "$scratch/found/$target" | wc -l) found"
done
exit $status
