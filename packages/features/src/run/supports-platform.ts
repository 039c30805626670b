import type { GuestPlatform, SupportedPlatform } from '../contract/feature.js';

/**
 * Tells whether a feature supports a guest's system: one named, not older than its `minVersion`; a feature that
 * names none supports all. A relative counts (`ID_LIKE`) where no `minVersion` is asked for.
 */
export function supportsPlatform(supported: readonly SupportedPlatform[], platform: GuestPlatform): boolean {
  if (supported.length === 0) return true;
  return supported.some(({ id, minVersion }) => {
    if (id !== platform.id) return minVersion === undefined && platform.like.includes(id);
    // A rolling release has no version, and is newer than any.
    return minVersion === undefined || platform.version === '' || !isOlder(platform.version, minVersion);
  });
}

function isOlder(version: string, than: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, part] of than.split('.').map(Number).entries()) {
    const own = have[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
