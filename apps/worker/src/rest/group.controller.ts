import { Controller, Param, Post, Put, Req } from '@nestjs/common';
import { invalidSignature, unsupportedSignature, unsignedRequest } from '../errors.ts';
import { readTaskConfigsBody, type BodyRequest } from './request-body.ts';

const SIGNATURE = 'x-connect-authorization';
const ALGORITHM = 'x-connect-request-signature-algorithm';
/** `inter.worker.verification.algorithms`, whose default this is. */
const ALGORITHMS = ['HmacSHA256'];

/**
 * By which workers of a group talk to their leader, signed with the session key of the group (KIP-507). Here one worker
 * is the group: nobody else has a key, so that whoever asks is refused as Kafka Connect refuses strangers.
 */
@Controller('connectors')
export class GroupController {
  @Put(':name/fence')
  fence(@Param('name') _name: string, @Req() request: BodyRequest): void {
    refuseStranger(request);
  }

  @Post(':name/tasks')
  putTaskConfigs(@Param('name') _name: string, @Req() request: BodyRequest): void {
    readTaskConfigsBody(request);
    refuseStranger(request);
  }
}

function refuseStranger({ headers }: BodyRequest): never {
  const signature = headers[SIGNATURE];
  const algorithm = headers[ALGORITHM];
  if (typeof signature !== 'string' || typeof algorithm !== 'string') throw unsignedRequest();
  if (!ALGORITHMS.includes(algorithm)) throw unsupportedSignature(algorithm, ALGORITHMS);
  throw invalidSignature();
}
