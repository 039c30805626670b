import { hashPassword, saltFor } from '@phoenix/cloudinit';

/** Gives what stands for a user's password in digests. */
export type PasswordDisguise = (username: string, password: string) => string;

/**
 * Makes what stands for passwords in the digests of seeds, which everybody sees who may read a guest's notes: as slow to guess against as
 * the password's own hash. It remembers what it has hashed, so that a password that a thousand machines have is hashed once.
 */
export function createPasswordDisguise(
  hash: (password: string, salt: string) => string = hashPassword,
): PasswordDisguise {
  const known = new Map<string, string>();
  return (username, password) => {
    const key = `${username}\0${password}`;
    const disguise = known.get(key) ?? hash(password, saltFor(`seed digest\0${username}`));
    known.set(key, disguise);
    return disguise;
  };
}
