import type { Context } from '../command.ts';
import type { Lab } from './lab.ts';
import { ENTRY } from '../own-program.ts';
import { styleFor } from '../output/style.ts';
import { STEPS } from './tour-steps.ts';
import { TourStage } from './tour-stage.ts';

const WIDTH = 78;

const INTRODUCTION = `Slipline disconnects sessions on management systems, and proves that they are
gone. The appliance below is a fake; the commands and what they print are real.
`;

/** Shows the main job on the lab, step by step. 0 only if every step has done what it says, asked of the fake or in JSON. */
export async function tour(lab: Lab, context: Context): Promise<number> {
  const { output, environment, signal } = context;
  const style = styleFor(process.stdout, environment);
  const stage = new TourStage(lab, signal);
  await output.raw(`\n${INTRODUCTION}`);
  for (const [index, step] of STEPS.entries()) {
    await output.raw(`\n${style.strong(`${index + 1}. ${step.says}`)}\n`);
    try {
      stage.begin();
      for (const line of step.commands) {
        await output.raw(`\n${shown(line)}\n`);
        await stage.show(line);
      }
      const found = await step.check(stage);
      await output.raw(`\nChecked: ${found}\n`);
    } catch (error) {
      signal.throwIfAborted();
      await output.raw(`\n${style.bad('This step did not do what it says:')} ${(error as Error).message}\n`);
      return 1;
    }
  }
  await output.raw(`\n${style.strong('Next')}\n\n${hints()}`);
  return 0;
}

/** A command as it is typed, on as many lines as it needs; a flag stays with its value. */
function shown(line: readonly string[]): string {
  const words = ['$', 'slipline', ...line].join(' ').split(/ (?=--)/);
  return words.reduce((text, word) => {
    const last = text.slice(text.lastIndexOf('\n') + 1);
    return last.length + word.length < WIDTH ? `${text} ${word}` : `${text} \\\n    ${word}`;
  });
}

function hints(): string {
  // In a checkout nothing is on the path.
  const slipline = ENTRY.includes('node_modules') ? 'slipline' : 'npm exec slipline --';
  const lines = [
    [`${slipline} lab -- bash`, 'a shell to try it all in'],
    [`${slipline} help`, 'every command'],
    [`${slipline} connect hpe-oneview HOST`, 'a real appliance'],
  ];
  const column = Math.max(...lines.map(([command = '']) => command.length)) + 2;
  return lines.map(([command = '', what = '']) => `  ${command.padEnd(column)}${what}\n`).join('');
}
