const problem = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
});

/** The answers of a route: its own, and the problems that any route may answer with. */
export function responses(own: Readonly<Record<number, object>>): Record<string, object> {
  return {
    ...own,
    '4xx': problem('The request cannot be understood, or cannot be done, as `code` says.'),
    '5xx': problem('The service, or the system that it asked, could not do it, as `code` says.'),
  };
}
