import { parseProperties, propertyBoolean } from '../config/property-string.js';

/** Is the agent switched on by this `agent` option? */
export function agentEnabled(agent: string | undefined): boolean {
  return agent !== undefined && propertyBoolean(parseProperties(agent, 'enabled').enabled) === true;
}
