import { json, type Answer, type Call } from '@slipline/microsoft-identity/testing';
import { badRequest, falselyPacked, notFound, problem } from './exchange-answers.ts';

export interface FakeMailbox {
  readonly alias: string;
  readonly displayName: string;
}

/** What a cmdlet works on: one organization. */
export interface Organization {
  readonly name: string;
  readonly mailboxes: Map<string, FakeMailbox>;
}

/** A cmdlet that may be run, as its caller has it. */
export interface Invocation {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly isCompliance: boolean;
  readonly organization: Organization;
  /** The address without its query, for the next page. */
  readonly address: string;
  readonly call: Call;
}

type Objects = readonly Readonly<Record<string, unknown>>[];

interface Cmdlet {
  readonly service: 'exchange' | 'compliance';
  readonly parameters: readonly string[];
  readonly run: (invocation: Invocation) => Objects | Answer;
}

const CMDLETS: Readonly<Record<string, Cmdlet>> = {
  'get-mailbox': {
    service: 'exchange',
    parameters: ['Identity', 'ResultSize'],
    run: ({ parameters, organization }) => {
      const { Identity: identity, ResultSize: size } = parameters;
      const all = [...organization.mailboxes.values()];
      const wanted = all.filter(({ alias }) => identity === undefined || alias === identity);
      if (identity !== undefined && wanted.length === 0)
        return notFound(
          `The operation couldn't be performed because object '${JSON.stringify(identity)}' couldn't be found.`,
        );
      return wanted.slice(0, typeof size === 'number' ? size : undefined).map(asMailbox);
    },
  },
  'set-mailbox': {
    service: 'exchange',
    parameters: ['Identity', 'DisplayName', 'WhatIf'],
    run: ({ parameters, organization }) => {
      const { Identity: identity, DisplayName: displayName, WhatIf: isDryRun } = parameters;
      const mailbox = organization.mailboxes.get(String(identity));
      if (mailbox === undefined) return notFound(`'${String(identity)}' couldn't be found.`);
      if (isDryRun === true) {
        const told = `Setting mailbox "${mailbox.alias}".`;
        return json({ value: [], '@adminapi.confirmationmessage': told });
      }
      organization.mailboxes.set(mailbox.alias, { ...mailbox, displayName: String(displayName) });
      return json({
        value: [],
        '@adminapi.warnings': ['The command completed, it may take minutes to show.'],
      });
    },
  },
  'get-organizationconfig': {
    service: 'exchange',
    parameters: [],
    run: ({ organization }) => [{ Name: organization.name, Identity: organization.name }],
  },
  'get-compliancecase': {
    service: 'compliance',
    parameters: ['Identity'],
    run: () => [{ Name: 'Case 1', Status: 'Active' }],
  },
};

export function runCmdlet(invocation: Invocation): Answer {
  const { cmdlet: name, parameters, isCompliance } = invocation;
  const key = name.toLowerCase();
  const cmdlet = Object.hasOwn(CMDLETS, key) ? CMDLETS[key] : undefined;
  if (cmdlet === undefined || (cmdlet.service === 'compliance') !== isCompliance) {
    const message = `The cmdlet ${name} isn't present in the role definition of the current user.`;
    return isCompliance ? problem(403, 'Forbidden', { message }) : falselyPacked();
  }
  const unknown = Object.keys(parameters).find((parameter) => !cmdlet.parameters.includes(parameter));
  if (unknown !== undefined)
    return badRequest(`A parameter cannot be found that matches parameter name '${unknown}'.`);
  const result = cmdlet.run(invocation);
  return isAnswer(result) ? result : page(result, invocation);
}

/** As many objects as `Prefer` allows, and the way to the rest. */
function page(objects: Objects, { address, call }: Invocation): Answer {
  const [, wanted = '1000'] = /odata\.maxpagesize=(\d+)/.exec(String(call.headers['prefer'])) ?? [];
  const size = Math.min(1000, Math.max(1, Number(wanted)));
  const start = Number(call.query.get('$skiptoken') ?? 0);
  const end = start + size;
  const link = `${address}?$skiptoken=${end}`;
  return json({
    '@odata.context': `${address}/$metadata`,
    value: objects.slice(start, end),
    ...(end < objects.length && { '@odata.nextLink': link }),
  });
}

function asMailbox({ alias, displayName }: FakeMailbox): Objects[number] {
  return {
    Alias: alias,
    DisplayName: displayName,
    EmailAddresses: [`SMTP:${alias}@contoso.onmicrosoft.com`],
    'EmailAddresses@odata.type': '#Collection(String)',
  };
}

function isAnswer(value: Objects | Answer): value is Answer {
  return 'status' in value;
}
