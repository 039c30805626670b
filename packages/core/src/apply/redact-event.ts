import type { Redactor } from '../secrets/redactor.js';
import type { PhoenixEvent } from './phoenix-event.js';
import { redactPlan } from './redact-plan.js';

/** Takes secrets out of the texts of an event; ids and names hold none. */
export function redactEvent(event: PhoenixEvent, redactor: Redactor): PhoenixEvent {
  const clean = (text: string) => redactor.redact(text);
  switch (event.type) {
    case 'plan':
      return { ...event, plan: redactPlan(event.plan, redactor) };
    case 'action-progress':
    case 'action-skipped':
      return { ...event, message: clean(event.message) };
    case 'task-log':
    case 'output':
      return { ...event, line: clean(event.line) };
    case 'action-finished':
      return { ...event, warnings: event.warnings.map(clean) };
    case 'action-failed':
      return {
        ...event,
        message: clean(event.message),
        details: event.details.map(clean),
        ...(event.hint === undefined ? {} : { hint: clean(event.hint) }),
      };
    case 'run-finished':
      return {
        ...event,
        summary: {
          ...event.summary,
          warnings: event.summary.warnings.map((warning) => ({
            ...warning,
            message: clean(warning.message),
          })),
          guests: event.summary.guests.map((guest) =>
            guest.message === undefined
              ? guest
              : {
                  ...guest,
                  message: clean(guest.message),
                  ...(guest.hint === undefined ? {} : { hint: clean(guest.hint) }),
                },
          ),
        },
      };
    default:
      return event;
  }
}
