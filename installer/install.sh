#!/usr/bin/env bash
# Install one of Shouwang's programs on Debian 12, or bring it up to the version of this checkout. Run again after every update.
#
# Each version stands in a folder of its own and a link is switched at the very end: a power cut half-way leaves the old one running.
# Data (/var/lib/shouwang) and settings (/etc/shouwang) are never touched by an update.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(dirname "$here")

usage() {
  cat <<'TEXT'
installer/install.sh kiosk | caregiver | district [--root DIR] [--no-start] [--no-copy]
installer/install.sh back PROGRAM        the version before, if the new one does not please
installer/install.sh remove PROGRAM      the program goes; data and settings stay where they are

--root DIR    install below DIR, for an image of a disk: nothing is started there, and no packages of the system are installed
--no-start    install and enable, and leave starting to you
--no-copy     update a district without copying its database (SQLite) first
TEXT
  exit "${1:-0}"
}

die() { echo "$*" >&2; exit 1; }
on_system() { [ -z "$root" ]; }
systemd() { on_system && [ -d /run/systemd/system ]; }

packages() { # GROUP …: the names of those groups
  local group; for group in "$@"; do sed -n "s/^$group: //p" "$here/packages.txt"; done | tr '\n' ' '
}

there() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; } # PACKAGE

system_packages() {
  local wanted missing=() p
  local sound=sound  # Qt speaks through a sound server alone; where there is one that does it (PipeWire), it stays
  there pipewire-pulse && sound=""
  case $program in district) wanted=$(packages base) ;; caregiver) wanted=$(packages base qt) ;; kiosk) wanted=$(packages base qt kiosk $sound) ;; esac
  for p in $wanted; do there "$p" || missing+=("$p"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing system packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "The system packages could not be installed. Check the network and run this again."
}

build() { # into $release; pinned and checked by hash, as ./run does
  [ -x "$release/bin/shouwang-$program" ] && [ -e "$release/.whole" ] && return 0
  echo "Installing Shouwang $version into ${release#"$root"} ..."
  rm -rf "$release"
  local python=python3.11
  if on_system; then python=/usr/bin/python3.11; fi  # not one of root's own, which the service may not read
  $python -m venv "$release"
  awk '/^[a-z]/{keep = /^(uv|setuptools|wheel)==/} keep' "$source_dir/requirements.lock" > "$release/bootstrap.txt"
  "$release/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$release/bootstrap.txt"
  # compiled now: the service may not write here and would compile 2,000 modules at every start;
  # --system-certs: what the machine trusts, a company's own authority among it
  local uv=("$release/bin/uv" pip install --quiet --python "$release/bin/python" --no-deps --no-build-isolation --compile-bytecode --system-certs)
  "${uv[@]}" --require-hashes -r "$here/requirements.lock"
  local built; built=$(mktemp -d)  # building writes into the folder it builds, and the checkout is not ours to write into
  tar -C "$source_dir" --exclude '*.pyc' -c "${parts[@]}" README.md | tar -C "$built" -x
  "${uv[@]}" "$built/packaging/dlib" "$built"
  rm -rf "$built"
  "$release/bin/python" -m pip check >/dev/null
  touch "$release/.whole"
}

switch() { # to $1: one rename, so that there is always a version
  local now; now=$(readlink "$home/current" 2>/dev/null || true)
  if [ "$now" != "$1" ]; then
    [ -z "$now" ] || ln -sfn "$now" "$home/before"
    ln -sfn "$1" "$home/next"
    mv -T "$home/next" "$home/current"
    switched=yes
  fi
}

copy() { # of the database as the version before leaves it: what a newer one has migrated an older one cannot read
  on_system && [ -z "$no_copy" ] && [ -e "$home/current" ] && [ -e /usr/local/bin/shouwang-district ] || return 0
  [ "$(readlink "$home/current")" != "$(basename "$release")" ] && [ -e /var/lib/shouwang/district/district.sqlite ] || return 0
  install -d -o shouwang -g shouwang -m 0750 /var/lib/shouwang/backups  # an older version had none before its first night
  /usr/local/bin/shouwang-district backup "/var/lib/shouwang/backups/district-before-$(date +%F-%H%M%S).sqlite" ||
    die "The database could not be copied, so nothing was changed. On PostgreSQL copy it yourself and add --no-copy."
}

tidy() { # versions other than this one and the one before it go, unless somebody's program still runs from there
  local each; for each in "$home"/*/; do
    each=${each%/}
    [ -L "$each" ] || [ "$each" -ef "$home/current" ] || [ "$each" -ef "$home/before" ] ||
      grep -qsF "$each/" /proc/[0-9]*/maps || rm -rf "$each"
  done
}

account() { # the user that the kiosk and the district run as
  on_system || return 0
  id shouwang >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/shouwang --shell /usr/sbin/nologin shouwang
  install -d -o shouwang -g shouwang -m 0750 /var/lib/shouwang
  local group
  [ "$program" = kiosk ] && for group in video render input audio dialout gpio; do
    ! getent group $group >/dev/null || usermod -aG $group shouwang
  done
  install -d -o shouwang -g shouwang -m 0700 "/var/lib/shouwang/$program"
  [ "$program" != district ] || install -d -o shouwang -g shouwang -m 0750 /var/lib/shouwang/backups
}

settings() {
  install -d -m 0755 "$root/etc/shouwang"
  local file=$root/etc/shouwang/$program.toml
  if [ ! -e "$file" ]; then
    printf '# Settings of shouwang-%s. docs/CONFIGURATION.md describes every one; without any it starts with what is usual.\n' "$program" > "$file"
    chmod 0640 "$file"
    if on_system; then chgrp shouwang "$file"; fi
  fi
  printf '%s\n' "SHOUWANG_${program^^}_CONFIG=/etc/shouwang/$program.toml" "SHOUWANG_${program^^}_DATA=/var/lib/shouwang/$program" \
    > "$root/etc/shouwang/$program.env"
}

command_line() { # what an operator types, always as the user whose data it is
  install -d "$root/usr/local/bin"
  cat > "$root/usr/local/bin/shouwang-$program" <<TEXT
#!/bin/sh
set -a; . /etc/shouwang/$program.env; set +a
[ "\$(id -un)" = shouwang ] && exec /opt/shouwang/current/bin/shouwang-$program "\$@"
[ "\$(id -u)" = 0 ] || { echo "Run it as root: sudo shouwang-$program \$*" >&2; exit 1; }
runuser -u shouwang -- test -x "\$PWD" || cd /  # a helper of its own starts in the folder it stands in, and may not enter root's
exec runuser -u shouwang -- env HOME=/var/lib/shouwang /opt/shouwang/current/bin/shouwang-$program "\$@"
TEXT
  chmod 0755 "$root/usr/local/bin/shouwang-$program"
}

units() {
  install -d "$root/etc/systemd/system"
  local unit
  for unit in "$here/$program"/*.service "$here/$program"/*.timer; do
    [ ! -e "$unit" ] || install -m 0644 "$unit" "$root/etc/systemd/system/"
  done
  install -D -m 0644 "$here/sleep.conf" "$root/etc/systemd/sleep.conf.d/shouwang.conf"
  [ ! -d "$here/$program/pam.d" ] || install -D -m 0644 -t "$root/etc/pam.d" "$here/$program"/pam.d/*
  systemd || { echo "Start it with: systemctl enable --now ${services[*]}"; return 0; }
  systemctl daemon-reload
  systemctl enable --quiet "${services[@]}"
}

services_of() { # PROGRAM
  case $1 in
    district) echo shouwang-district.service shouwang-district-backup.timer ;;
    kiosk) echo shouwang-kiosk.service ;;
  esac
}

restart() { # whatever of Shouwang is installed here, for all programs on one machine are of one version
  systemd && [ -z "$no_start" ] || return 0
  local each started=()
  for each in kiosk district; do
    [ -e "/usr/local/bin/shouwang-$each" ] || continue
    [ "$each" != "$program" ] && [ -z "$switched" ] || read -ra started <<< "${started[*]} $(services_of $each)"
  done
  [ ${#started[@]} -gt 0 ] || return 0
  systemctl restart "${started[@]}"
  [ -e /usr/local/bin/shouwang-district ] || return 0
  local unit=shouwang-district.service n
  for n in {1..60}; do
    [ ! -s /run/shouwang-district/ready ] || return 0
    [ "$(systemctl show --property NRestarts --value $unit)" = 0 ] || break
    sleep 1
  done
  die "shouwang-district does not answer yet. It said last: $(journalctl --unit $unit _TRANSPORT=stdout --lines 1 --output cat --no-pager)"
}

voice() { # the kiosk's prompts; a community's own recordings in the same folder are kept
  on_system || return 0
  runuser -u shouwang -- env HOME=/var/lib/shouwang "$home/current/bin/python" -c \
    'from pathlib import Path; from kiosk.voice import make_prompts; make_prompts(Path.home() / ".cache/shouwang/voice")' ||
    echo "The voice prompts could not be made; every prompt is on the screen too."
}

desktop() { # for everybody who signs in at this computer
  install -D -m 0644 -t "$root/usr/share/applications" "$here/caregiver/shouwang-caregiver.desktop"
  install -D -m 0644 -t "$root/etc/xdg/autostart" "$here/caregiver/shouwang-caregiver.desktop"
  install -D -m 0644 "$source_dir/assets/icons/lantern-glowing.svg" "$root/usr/share/icons/hicolor/scalable/apps/shouwang-caregiver.svg"
  install -d "$root/usr/local/bin"
  ln -sfn /opt/shouwang/current/bin/shouwang-caregiver "$root/usr/local/bin/shouwang-caregiver"
}

remove() {
  if systemd && [ ${#services[@]} -gt 0 ]; then systemctl disable --now --quiet "${services[@]}" 2>/dev/null || true; fi
  rm -f "$root/usr/local/bin/shouwang-$program" "$root/etc/shouwang/$program.env"
  rm -f "$root"/etc/systemd/system/shouwang-"$program"*
  [ "$program" = caregiver ] && rm -f "$root"/usr/share/applications/shouwang-caregiver.desktop "$root"/etc/xdg/autostart/shouwang-caregiver.desktop \
    "$root"/usr/share/icons/hicolor/scalable/apps/shouwang-caregiver.svg
  [ "$program" = kiosk ] && rm -f "$root/etc/pam.d/shouwang-kiosk"
  [ -e "$root/usr/local/bin/shouwang-district" ] || [ -e "$root/usr/local/bin/shouwang-kiosk" ] || rm -f "$root/etc/systemd/sleep.conf.d/shouwang.conf"
  local others; others=$(find "$root/usr/local/bin" -name 'shouwang-*' 2>/dev/null | wc -l)
  [ "$others" != 0 ] || rm -rf "$home"
  echo "shouwang-$program is gone. $(kept)"
}

kept() { # what is still there of the program, in a sentence
  [ "$program" = caregiver ] && { echo "What each person's desk keeps stays in their own folder, ~/.local/share/shouwang."; return; }
  local each there=()
  for each in "/var/lib/shouwang/$program" "/etc/shouwang/$program.toml"; do [ -e "$root$each" ] && there+=("$each"); done
  [ "$program" != district ] || [ ! -e "$root/var/lib/shouwang/backups" ] || there+=(/var/lib/shouwang/backups)
  [ ${#there[@]} -eq 0 ] && echo "It had left nothing behind." || echo "Kept: ${there[*]}."
}

words=$*
root="" no_start="" no_copy="" switched="" verb=install program="" services=()
while [ $# -gt 0 ]; do
  case $1 in
    kiosk | caregiver | district) program=$1 ;;
    back | remove) verb=$1 ;;
    --root) root=$(mkdir -p "${2:?}" && cd "$2" && pwd); shift ;;
    --no-start) no_start=yes ;;
    --no-copy) no_copy=yes ;;
    -h | --help) usage ;;
    *) echo "What is $1?" >&2; usage 2 >&2 ;;
  esac
  shift
done
[ -n "$program" ] || usage 2 >&2
read -ra services <<< "$(services_of "$program")"
if on_system; then
  [ "$(id -u)" = 0 ] || die "Run it as root: sudo $0 $words"
  command -v apt-get >/dev/null || die "This is not a Debian system. installer/packages.txt lists what is needed elsewhere."
fi
home=$root/opt/shouwang
parts=(assets caregiver district domain kiosk motion offline qtkit watch packaging installer pyproject.toml requirements.lock)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source_dir/pyproject.toml")

case $verb in
  remove) remove ;;
  back)
    [ -e "$home/before" ] || die "There is no version before this one."
    switch "$(readlink "$home/before")"
    restart
    echo "$(readlink "$home/current") is in use again, for every program of Shouwang on this machine."
    ;;
  install)
    # What is installed is what stands in the checkout, so its content and not its number alone names the folder.
    digest=$(cd "$source_dir" && find "${parts[@]}" \
      -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
    release=$home/$version-$digest
    if on_system; then system_packages; fi
    install -d "$home"
    build
    copy
    if [ "$program" = caregiver ]; then
      switch "$(basename "$release")"
      desktop
    else
      account
      settings
      command_line
      switch "$(basename "$release")"
      [ "$program" = district ] || voice
      units
    fi
    restart
    tidy
    echo "shouwang-$program $version is installed."
    ;;
esac
