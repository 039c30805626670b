/** The machine whose guest agent is meant. */
export interface AgentRef {
  readonly node: string;
  readonly vmid: number;
}
