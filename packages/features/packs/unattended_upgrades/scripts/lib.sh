# lib.sh: what the scripts of this pack share.
# shellcheck shell=sh disable=SC2034,SC2016

# Read after the package's own 20auto-upgrades and 50unattended-upgrades.
file=/etc/apt/apt.conf.d/52phoenix-unattended-upgrades

# configuration: what the file must hold.
configuration() {
  echo '// Written by the Phoenix feature unattended_upgrades; changes are overwritten.'
  echo 'APT::Periodic::Update-Package-Lists "1";'
  echo 'APT::Periodic::Unattended-Upgrade "1";'
  echo '#clear Unattended-Upgrade::Origins-Pattern;'
  echo '#clear Unattended-Upgrade::Allowed-Origins;'
  echo 'Unattended-Upgrade::Origins-Pattern {'
  case $PHOENIX_PLATFORM_ID in
    ubuntu)
      echo '  "origin=${distro_id},suite=${distro_codename}-security";'
      if [ "$PHOENIX_OPTION_ORIGINS" = all ]; then
        echo '  "origin=${distro_id},suite=${distro_codename}";'
        echo '  "origin=${distro_id},suite=${distro_codename}-updates";'
      fi
      ;;
    *)
      echo '  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";'
      if [ "$PHOENIX_OPTION_ORIGINS" = all ]; then
        echo '  "origin=Debian,codename=${distro_codename},label=Debian";'
        echo '  "origin=Debian,codename=${distro_codename}-updates";'
      fi
      ;;
  esac
  echo '};'
  echo '#clear Unattended-Upgrade::Package-Blacklist;'
  echo 'Unattended-Upgrade::Package-Blacklist {'
  for package in ${PHOENIX_OPTION_BLOCKED:-}; do
    printf '  "%s";\n' "$package"
  done
  echo '};'
  printf 'Unattended-Upgrade::Automatic-Reboot "%s";\n' "$PHOENIX_OPTION_REBOOT"
  printf 'Unattended-Upgrade::Automatic-Reboot-Time "%s";\n' "$PHOENIX_OPTION_REBOOT_TIME"
  printf 'Unattended-Upgrade::Remove-Unused-Dependencies "%s";\n' "$PHOENIX_OPTION_REMOVE_UNUSED"
}
