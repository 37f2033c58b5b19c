using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Confab.Tests.Support;

/// <summary>A certificate of <c>localhost</c> that nobody signed, in the forms that servers take.</summary>
internal sealed class Certificate : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("confab-test-");

    public Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllBytes(Path, certificate.Export(X509ContentType.Pfx));
        File.WriteAllText(PemPath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The certificate and its key, PKCS #12.</summary>
    public string Path => PathOf("test.pfx");

    public string PemPath => PathOf("test.pem");

    public string KeyPath => PathOf("test.key");

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string name) => System.IO.Path.Combine(_directory.FullName, name);
}
