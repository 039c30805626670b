#!/bin/bash
# Installs a package from the source inside the image, which needs no network.
set -e
echo 'deb [trusted=yes] file:/opt/offline-packages ./' >/etc/apt/sources.list.d/offline.list
apt-get update -qq -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/offline.list -o Dir::Etc::sourceparts=/dev/null
apt-get install -y -qq tree
tree --version
