// @oauth-ratchet/oauth2-server
export { AddedRatchet }
export { ModelImportOptions }
export { RatchetModel }
export { RatchetOptions }
export { addRatchet }

declare function addRatchet<Model extends RatchetModel>(model: Model, options: RatchetOptions): AddedRatchet<Model>;
interface AddedRatchet<Model extends RatchetModel> {
    readonly model: Model;
    readonly grantTypes: {
        readonly refresh_token: GrantTypeClass;
    };
    readonly server: AuthorizationServer;
}
interface ModelImportOptions {
    readonly clients: readonly string[];
    readonly until: Date | number;
}
interface RatchetOptions {
    readonly server: Omit<AuthorizationServerOptions, 'clients' | 'authenticateUser'>;
    readonly subjectOf: (user: OAuth2Server.User) => string;
    readonly findUser: (subject: string) => Promise<OAuth2Server.User | null | undefined> | OAuth2Server.User | null | undefined;
    readonly importToken?: ModelImportOptions | undefined;
    readonly remoteAddress?: ((request: OAuth2Server.Request) => string | undefined) | undefined;
}
type GrantTypeClass = new (options: OAuth2Server.TokenOptions) => OAuth2Server.AbstractGrantType;
type RatchetModel = OAuth2Server.BaseModel & OAuth2Server.RequestAuthenticationModel & Partial<Pick<OAuth2Server.RefreshTokenModel, 'getRefreshToken' | 'revokeToken'>>;
