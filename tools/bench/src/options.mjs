// What was typed after `npm run bench --`.

/** The figures to measure, all when none is named, and where the JSON goes; or what is wrong, as a sentence. */
export function parseOptions(args, known) {
  const names = [];
  let json;
  for (let place = 0; place < args.length; place += 1) {
    const argument = args[place];
    if (argument === '--json') json = args[(place += 1)];
    else names.push(argument);
    if (argument === '--json' && json === undefined) return { problem: '--json needs the name of a file.' };
  }
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return { problem: `There is no figure ${unknown.join(', ')}. There are: ${known.join(', ')}.` };
  return { names: names.length === 0 ? known : names, json };
}
