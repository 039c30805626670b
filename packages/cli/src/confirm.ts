import { confirm as ask, isCancel } from '@clack/prompts';

/** Asks a question on the terminal; the answer that is set is no, and Ctrl-C means no. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask({ message: question, initialValue: false });
  return !isCancel(answer) && answer;
}
