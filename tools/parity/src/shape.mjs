// The form of a parity.json, which main.mjs describes.

/** What a row may be about, in the order of the page, with the heading it stands under. */
export const KINDS = {
  parameter: 'Parameters',
  set: 'Parameter sets',
  alias: 'Aliases',
  default: 'Defaults',
  input: 'Input',
  output: 'Output',
  example: 'Examples',
  error: 'Errors',
  superset: 'Beyond the cmdlet',
};

const FILE_FIELDS = ['seed', 'versions', 'rows'];
const ROW_FIELDS = ['kind', 'seed', 'versions', 'slipline', 'differs', 'test'];
const CMDLET = /^[A-Z][A-Za-z]*-[A-Z][A-Za-z]*$/;
const TEST = /^(?:packages|apps)\/[^>]+\.test\.ts > \S.*$/;

/** What is wrong with a parsed file, each led by the place it is about. Empty when the form is right. */
export function shapeProblems(file) {
  if (!isObject(file)) return ['is an object with seed, versions and rows.'];
  const problems = unknownFields(file, FILE_FIELDS, '');
  if (!isLine(file.seed) || !CMDLET.test(file.seed))
    problems.push('seed is the name of a cmdlet: "Verb-Noun".');
  if (!isListOfLines(file.versions)) problems.push('versions is a list of different texts.');
  if (!Array.isArray(file.rows) || file.rows.length === 0) return [...problems, 'rows is a list with a row.'];
  const versions = Array.isArray(file.versions) ? file.versions : [];
  return [
    ...problems,
    ...file.rows.flatMap((row, index) => rowProblems(row, `rows[${index}]`, versions)),
    ...repeated(file.rows),
  ];
}

function rowProblems(row, place, versions) {
  if (!isObject(row)) return [`${place} is an object.`];
  const problems = unknownFields(row, ROW_FIELDS, `${place}.`);
  const want = (holds, sentence) => {
    if (!holds) problems.push(`${place}.${sentence}`);
  };
  const isSuperset = row.kind === 'superset';
  want(Object.hasOwn(KINDS, row.kind), `kind is one of ${Object.keys(KINDS).join(', ')}.`);
  want(
    isSuperset ? row.seed === undefined : isLine(row.seed),
    isSuperset ? 'seed is absent: a superset is what the cmdlet does not have.' : 'seed is one line of text.',
  );
  want(isLine(row.slipline), 'slipline is one line of text.');
  want(row.differs === undefined || (isLine(row.differs) && !isSuperset), differsSentence(isSuperset));
  want(
    row.versions === undefined ||
      (isListOfLines(row.versions) &&
        row.versions.length > 0 &&
        row.versions.every((version) => versions.includes(version))),
    `versions is a list of some of ${versions.join(', ')}.`,
  );
  want(
    isLine(row.test) && TEST.test(row.test) && !row.test.includes('.peer.test.ts'),
    'test is "packages/<id>/src/<file>.test.ts > describe > test", of a file that npm test runs.',
  );
  return problems;
}

function differsSentence(isSuperset) {
  return isSuperset ? 'differs is absent: a superset differs by nature.' : 'differs is one line of text.';
}

function unknownFields(value, known, place) {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => `${place}${name} is no field; there are ${known.join(', ')}.`);
}

function repeated(rows) {
  const seen = new Map();
  return rows.flatMap((row, index) => {
    const key = isObject(row) ? JSON.stringify([row.kind, row.seed ?? row.slipline, row.versions]) : index;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    return first === undefined ? [] : [`rows[${index}] says the same as rows[${first}].`];
  });
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text that a table's cell can hold. */
const isLine = (value) =>
  typeof value === 'string' && value !== '' && value === value.trim() && !/\p{Cc}/u.test(value);

const isListOfLines = (value) =>
  Array.isArray(value) && value.every(isLine) && new Set(value).size === value.length;
