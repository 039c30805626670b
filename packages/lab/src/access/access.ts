/** Who calls. */
export interface Caller {
  /** `root@pam`, also for its tokens. */
  readonly userid: string;
  readonly tokenid?: string;
  /** `root@pam!token` for a token, else the user: what PVE calls authuser, and what stands in UPIDs. */
  readonly authid: string;
  /** root@pam itself, by ticket: not even its own tokens are. */
  readonly isRoot: boolean;
}

/** The permission system (pve-access-control): roles on paths, groups, propagation, pools, and privilege separation of tokens. */
export interface Access {
  /** The privileges on a path: privilege → whether it propagates. */
  permissions(caller: Caller, path: string): ReadonlyMap<string, boolean>;
  /** Has the caller all of these privileges there (`any`: at least one)? */
  has(caller: Caller, path: string, privileges: readonly string[], any?: boolean): boolean;
  /** @throws PveError 403 `Permission check failed (/vms/100, VM.Audit)`; several privileges are joined by `|` with `any`, else by `, `. */
  check(caller: Caller, path: string, privileges: readonly string[], any?: boolean): void;
  /** As `check_vm_perm`: on `/vms/VMID` or, when the guest is in (or goes into) a pool, on `/pool/POOL`. */
  checkGuest(
    caller: Caller,
    vmid: number,
    pool: string | undefined,
    privileges: readonly string[],
    any?: boolean,
  ): void;
  hasGuest(
    caller: Caller,
    vmid: number,
    pool: string | undefined,
    privileges: readonly string[],
    any?: boolean,
  ): boolean;
}
