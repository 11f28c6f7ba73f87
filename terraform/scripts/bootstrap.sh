#!/usr/bin/env bash
# Installs the packages of the Spark jobs on a node of the cluster, in an environment of their own: what HDInsight has
# installed for itself stays as it is. Run by a script action as root on head and worker nodes; can be run again.
#
#   bootstrap.sh [FOLDER]
#
# FOLDER (default /opt/aerial-ops/python) becomes a virtual environment; jobs use FOLDER/bin/python. AERIAL_OPS_PYTHON names
# the interpreter to build it from; without it the node's own Python 3.8 is looked for.
set -euo pipefail

folder=${1:-/opt/aerial-ops/python}
attempts=5

say() { echo "aerial-ops bootstrap: $*"; }
fail() {
    say "$*" >&2
    exit 1
}

# Every package is pinned, those that others need too: a node made next week is the same as one made today.
requirements() {
    cat <<'LIST'
flatbuffers==25.12.19
kornia-rs==0.2.0
packaging==24.2
numpy==1.23.5; python_version < "3.9"
numpy==2.2.6; python_version >= "3.9"
onnxruntime==1.19.2; python_version < "3.9"
onnxruntime==1.22.1; python_version >= "3.9"
pillow==10.4.0; python_version < "3.9"
pillow==11.3.0; python_version >= "3.9"
protobuf==5.29.5
pyarrow==14.0.2; python_version < "3.9"
pyarrow==20.0.0; python_version >= "3.9"
LIST
}

find_python() {
    local candidate
    for candidate in "${AERIAL_OPS_PYTHON:-}" /usr/bin/miniforge/envs/py38/bin/python /usr/bin/anaconda/envs/py38/bin/python \
        python3.8 python3; do
        if [[ -n $candidate ]] && command -v "$candidate" >/dev/null && "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "No Python with venv and ensurepip was found. Name one in AERIAL_OPS_PYTHON."
}

usable() {
    "$folder/bin/python" -c 'import numpy, onnxruntime, PIL, pyarrow' 2>/dev/null
}

wanted=$(requirements | sha256sum | cut -d' ' -f1)
stamp=$folder/aerial-ops.sha256
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && usable; then
    say "Nothing to do: $folder is complete."
    exit 0
fi

python=$(find_python)
say "Building $folder from $python ($("$python" --version 2>&1))."
mkdir -p "$folder"
rm -f "$stamp"
"$python" -m venv --clear "$folder"

list=$(mktemp)
trap 'rm -f "$list"' EXIT
requirements >"$list"
for ((attempt = 1; ; attempt++)); do
    if "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: --no-deps -r "$list"; then
        break
    fi
    ((attempt < attempts)) || fail "The packages could not be installed in $attempts attempts."
    say "Attempt $attempt failed; trying again."
    sleep $((attempt * 5))
done

usable || fail "The packages are installed, but cannot be imported."
echo "$wanted" >"$stamp"
chmod -R a+rX "$folder"
say "Done: $("$folder/bin/python" -m pip freeze --disable-pip-version-check | tr '\n' ' ')"
