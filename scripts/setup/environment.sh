# Sourced from the project's folder: after `prepare run` or `prepare dev`, $venv/bin/python is ready.

venv=.venv

suitable='import sys, venv, ensurepip; sys.version_info < (3, 11) and sys.exit(1)'

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c "$suitable" >/dev/null 2>&1; then
            return 0
        fi
    done
    if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$(python3 -V) cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt install python3-venv)." >&2
    else
        echo "Roundtable needs Python 3.11 or newer; found: $(python3 -V 2>/dev/null || echo none)." >&2
    fi
    return 1
}

# Sets $python to the Python of a version such as 3.12, from PATH or pyenv.
other_python() {
    for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if "$python" -c "$suitable; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

prepare() {
    find_python || exit 1
    "$python" scripts/setup/environment.py "$1"
}
