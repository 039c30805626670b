import type { Step, StepContext, StepResult } from '../../apply/step-context.js';
import type { DeclaredContainer } from '../../config/model.js';

/** The context of a step that needs the declaration of its container. */
export interface ContainerStepContext extends StepContext {
  readonly declared: DeclaredContainer;
}

/** Makes a step of one that needs the container's declaration. */
export function containerStep(run: (context: ContainerStepContext) => Promise<StepResult>): Step {
  return (context) => {
    const { declaredGuest } = context;
    if (declaredGuest?.kind !== 'container')
      throw new TypeError(`${context.action.id} needs the declaration of a container`);
    return run({ ...context, declared: declaredGuest });
  };
}
