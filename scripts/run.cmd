@echo off
rem Start Roundtable on http://localhost:8501. "scripts\run.cmd --help" lists the options.
setlocal
cd /d "%~dp0.."
set "PYTHONUTF8=1"
set "python="
for %%P in ("py -3" "python" "python3") do if not defined python (
    %%~P -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "python=%%~P"
)
if not defined python (
    echo Roundtable needs Python 3.11 or newer: https://www.python.org/downloads/windows/ 1>&2
    exit /b 1
)
%python% scripts\setup\environment.py run || exit /b 1
".venv\Scripts\python.exe" core\cli\app.py %*
