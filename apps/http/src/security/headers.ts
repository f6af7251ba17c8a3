import type { FastifyHelmetOptions } from '@fastify/helmet';

/** Headers of every answer. The page has no script, style or picture that is not a file of this service. */
export function securityHeaders(isTls: boolean): FastifyHelmetOptions {
  const own = ["'self'"];
  const none = ["'none'"];
  return {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: own,
        styleSrc: own,
        imgSrc: [...own, 'data:'],
        fontSrc: own,
        connectSrc: own,
        manifestSrc: own,
        formAction: none,
        baseUri: none,
        frameAncestors: none,
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: isTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  };
}
