export { cutOff, endWithBlanks, type Exchange } from './exchange.ts';
export { FakeServer, type FakeServerParts } from './fake-server.ts';
export { FaultPlan, type ActiveFault, type PlannedFault } from './fault-plan.ts';
export { Listener, type Identity, type ListenerOptions } from './listener.ts';
export { readBody } from './request-body.ts';
export { RequestLog, type RequestRecord } from './request-log.ts';
export { readTarget, type RequestTarget } from './request-target.ts';
