import { ROLES } from '../security/who.ts';

/** Who is signed in. */
export const meSchema = {
  type: 'object',
  required: ['user', 'role', 'scopes', 'version', 'isLab'],
  properties: {
    user: { type: 'string' },
    role: { type: 'string', enum: ROLES },
    scopes: { type: 'array', items: { type: 'string' } },
    csrfToken: { type: 'string', description: 'Only for the page.' },
    version: { type: 'string' },
    isLab: { type: 'boolean', description: 'The systems are fakes.' },
  },
} as const;
