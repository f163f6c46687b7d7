#!/usr/bin/env bash
# What npm cannot install: a Vulkan loader and, where there is no GPU, a software adapter; for the tests Chromium, and
# a display that is not shown (Xvfb), on which the real window is photographed.
# Installs what is missing on Debian and Ubuntu when it may (root or sudo without a password); otherwise says in one
# sentence what to install. Never fails: what is missing is reported again, by name, where it is needed.
set -u

have() { command -v "$1" >/dev/null 2>&1; }
loader() { ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'; }
hardware() { ls /dev/dri/renderD* >/dev/null 2>&1 || [ -e /dev/nvidia0 ]; }
# Dawn refuses Mesa 22 of Debian 12; lavapipe of Mesa 24 and later works.
lavapipe() {
  ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1 || return 1
  version=$(dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null | sed 's/^[0-9]*://; s/\..*//')
  [ -n "$version" ] && [ "$version" -ge 24 ]
}
browser() { have chromium || have chromium-browser || have google-chrome || have microsoft-edge; }
swiftshader() { ls /usr/lib/chromium*/vk_swiftshader_icd.json /opt/google/chrome/vk_swiftshader_icd.json >/dev/null 2>&1; }

# For real use a driver is enough; the tests want the software adapter, the browser and a display too.
display() { [ "${1-}" = --run ] || have Xvfb; }
complete() { loader && lavapipe && browser && display "$@"; }
complete "$@" && exit 0
[ "$(uname -s)" = Linux ] || exit 0
if hardware && loader && [ "${1-}" = --run ]; then exit 0; fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if have sudo && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=none; fi
fi
if ! have apt-get || [ "$as_root" = none ]; then
  loader || echo "Readonce needs a Vulkan loader: install libvulkan1 (or your distribution's vulkan-loader)." >&2
  lavapipe || hardware || echo "No GPU and no software adapter: install mesa-vulkan-drivers 24 or newer (on Debian 12 from bookworm-backports)." >&2
  browser || echo "The browser tests need Chromium: install the package chromium." >&2
  display "$@" || echo "The test that photographs the window needs Xvfb: install the package xvfb." >&2
  exit 0
fi

echo "Installing what Readonce needs and npm cannot bring (Vulkan loader, software adapter, Chromium, Xvfb) ..." >&2
export DEBIAN_FRONTEND=noninteractive
quiet() { "$@" >/tmp/readonce-setup.log 2>&1; }
apt() { quiet $as_root apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"; }
backports=/etc/apt/sources.list.d/readonce-backports.sources
. /etc/os-release 2>/dev/null
release=()
if [ "${VERSION_CODENAME-}" = bookworm ] && ! lavapipe; then
  if ! grep -rqs 'bookworm-backports' /etc/apt/sources.list /etc/apt/sources.list.d; then
    # The same place that the machine already takes Debian from, whatever mirror that is.
    mirror=$(grep -rhsoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d | head -n 1 | tr -d ' ')
    if [ -n "$mirror" ]; then
      printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$mirror" |
        $as_root tee "$backports" >/dev/null
    fi
  fi
  release=(-t bookworm-backports)
fi
apt update
loader || apt install -y --no-install-recommends libvulkan1
lavapipe || apt install -y --no-install-recommends ${release[@]+"${release[@]}"} mesa-vulkan-drivers libvulkan1
browser || apt install -y --no-install-recommends chromium || apt install -y --no-install-recommends chromium-browser
display "$@" || apt install -y --no-install-recommends xvfb
loader || echo "The Vulkan loader could not be installed (see /tmp/readonce-setup.log): install libvulkan1." >&2
lavapipe || swiftshader || hardware || echo "No software adapter could be installed (see /tmp/readonce-setup.log): install mesa-vulkan-drivers 24 or newer." >&2
browser || echo "Chromium could not be installed (see /tmp/readonce-setup.log): the browser tests will be reported as not run." >&2
display "$@" || echo "Xvfb could not be installed (see /tmp/readonce-setup.log): the test that photographs the window will be reported as not run." >&2
exit 0
