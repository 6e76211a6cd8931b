import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** One message of an authentication. One that failed is answered late, and ends the connection. */
export const saslAuthenticateHandler: ServedApi = serve(
  apis.saslAuthenticate,
  async ({ authBytes }, call) => {
    const { context, core, version } = call;
    const { sasl } = context.session;
    if (sasl === undefined || sasl.isSettled)
      return {
        errorCode: ErrorCode.ILLEGAL_SASL_STATE,
        errorMessage: 'SaslAuthenticate request received after successful authentication',
      };
    const outcome = await sasl.authenticate(authBytes, version);
    if (outcome.kind === 'failed') {
      await core.security.afterFailure(context, outcome.reason);
      call.endAfterAnswer();
      return { errorCode: outcome.errorCode, errorMessage: outcome.message };
    }
    if (outcome.kind === 'authenticated') core.security.afterSuccess();
    return {
      errorCode: ErrorCode.NONE,
      authBytes: outcome.bytes,
      sessionLifetimeMs: outcome.sessionLifetimeMs,
    };
  },
);
