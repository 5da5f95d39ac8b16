declare module 'sockjs-client/dist/sockjs.min.js' {
  import SockJS from 'sockjs-client';

  export default class extends SockJS {
    /** The name of the transport, once open. */
    readonly transport: string;
  }
}
