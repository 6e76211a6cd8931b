import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { serve, type ServedApi } from '../served-api.ts';

/** Chooses the mechanism, at the beginning or to renew a session. */
export const saslHandshakeHandler: ServedApi = serve(
  apis.saslHandshake,
  async ({ mechanism }, call) => {
    const { context, core, version } = call;
    const { sasl } = context.session;
    if (sasl?.mayHandshake !== true) {
      if (sasl?.isSettled === false) call.endAfterAnswer();
      return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
    }
    const answer = sasl.handshake(mechanism, version);
    if (answer.errorCode !== ErrorCode.NONE) {
      await core.security.afterFailure(context, 'a mechanism that is not enabled');
      call.endAfterAnswer();
    }
    return answer;
  },
);
