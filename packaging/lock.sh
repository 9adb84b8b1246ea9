#!/usr/bin/env bash
# Pin every dependency by name, version and hash; needs uv on the PATH. Addresses of registries stay out.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate)
uv pip compile "${options[@]}" pyproject.toml --group build -o requirements/run.txt
uv pip compile "${options[@]}" -c requirements/run.txt pyproject.toml --group dev --extra team -o requirements/dev.txt
