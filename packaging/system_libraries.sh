#!/usr/bin/env bash
# Qt loads these system libraries; name those that are missing, or install them where we may (root on Debian).
set -euo pipefail
[ "$(uname -s)" = Linux ] || exit 0
command -v ldconfig >/dev/null || PATH=$PATH:/sbin:/usr/sbin

declare -A package=(
  [libGL.so.1]=libgl1 [libEGL.so.1]=libegl1 [libdbus-1.so.3]=libdbus-1-3 [libfontconfig.so.1]=libfontconfig1
  [libfreetype.so.6]=libfreetype6 [libxkbcommon.so.0]=libxkbcommon0 [libxkbcommon-x11.so.0]=libxkbcommon-x11-0
  [libX11.so.6]=libx11-6 [libX11-xcb.so.1]=libx11-xcb1 [libbrotlidec.so.1]=libbrotli1 [libglib-2.0.so.0]=libglib2.0-0
  [libgssapi_krb5.so.2]=libgssapi-krb5-2 [libxcb-cursor.so.0]=libxcb-cursor0 [libxcb-icccm.so.4]=libxcb-icccm4
  [libxcb-image.so.0]=libxcb-image0 [libxcb-keysyms.so.1]=libxcb-keysyms1 [libxcb-randr.so.0]=libxcb-randr0
  [libxcb-render.so.0]=libxcb-render0 [libxcb-render-util.so.0]=libxcb-render-util0 [libxcb-shape.so.0]=libxcb-shape0
  [libxcb-shm.so.0]=libxcb-shm0 [libxcb-sync.so.1]=libxcb-sync1 [libxcb-util.so.1]=libxcb-util1
  [libxcb-xfixes.so.0]=libxcb-xfixes0 [libxcb-xkb.so.1]=libxcb-xkb1 [libwayland-client.so.0]=libwayland-client0
  [libwayland-cursor.so.0]=libwayland-cursor0 [libwayland-egl.so.1]=libwayland-egl1
)
present=$(ldconfig -p)
missing=()
for library in "${!package[@]}"; do
  grep -qF "$library " <<<"$present" || missing+=("${package[$library]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing system libraries for Qt: ${missing[*]}"
  apt-get update -qq
  # Ubuntu 24.04 and Debian 13 renamed this one.
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    apt-get install -y -qq --no-install-recommends "${missing[@]/libglib2.0-0/libglib2.0-0t64}" >/dev/null
else
  echo "Qt needs system libraries that are not here. On Debian or Ubuntu:" >&2
  echo "  sudo apt install ${missing[*]}" >&2
  echo "The command line works without them; the window does not." >&2
fi
