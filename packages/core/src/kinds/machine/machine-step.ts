import type { Step, StepContext, StepResult } from '../../apply/step-context.js';
import type { DeclaredMachine } from '../../config/model.js';

/** The context of a step that needs the declaration of its machine. */
export interface MachineStepContext extends StepContext {
  readonly declared: DeclaredMachine;
}

/** Makes a step of one that needs the machine's declaration. */
export function machineStep(run: (context: MachineStepContext) => Promise<StepResult>): Step {
  return (context) => {
    const { declaredGuest } = context;
    if (declaredGuest?.kind !== 'machine')
      throw new TypeError(`${context.action.id} needs the declaration of a machine`);
    return run({ ...context, declared: declaredGuest });
  };
}
