using Confab.Server.Storage;
using Confab.Tests.Client;

namespace Confab.Tests.Search;

/// <summary>The index is made of the log: whatever becomes of its file, it comes back.</summary>
public class IndexTests
{
    [Fact]
    public async Task What_was_said_while_no_index_was_kept_is_found_after_a_restart()
    {
        await using var server = await RestartableServer.Start();
        var finder = new Finder(server.Http, "general");
        await finder.Say("leaf first");
        await finder.CatchUp();
        await server.Stop();
        var index = Path.Combine(server.Data, SearchIndex.FileName);
        File.Copy(index, index + ".old");

        await server.StartAgain();
        // More than the indexer reads at a time.
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => finder.Say($"leaf {i}")));
        await server.Stop();
        File.Move(index + ".old", index, overwrite: true);
        await server.StartAgain();
        await finder.CatchUp();
        Assert.Equal(["leaf first"], await finder.Find("\"leaf first\""));
        Assert.Equal(["leaf 599"], await finder.Find("\"leaf 599\""));
        Assert.Equal(["leaf 0"], await finder.Find("\"leaf 0\""));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("damaged")]
    [InlineData("not a database")]
    [InlineData("another database")]
    [InlineData("of another history")]
    [InlineData("ahead of the log")]
    public async Task An_index_that_is_no_good_is_made_anew(string what)
    {
        await using var server = await RestartableServer.Start();
        var finder = new Finder(server.Http, "general");
        await finder.Say("tea at four");
        await finder.CatchUp();
        await server.Stop();
        Spoil(Path.Combine(server.Data, SearchIndex.FileName), what);
        await server.StartAgain();
        await finder.CatchUp();
        Assert.Equal(["tea at four"], await finder.Find("tea"));
        Assert.Empty(await finder.Find("stale"));
    }

    private static void Spoil(string path, string what)
    {
        switch (what)
        {
            case "deleted":
                File.Delete(path);
                return;
            case "not a database":
                File.WriteAllText(path, "tea");
                return;
            case "damaged":
                using (var file = File.OpenWrite(path))
                {
                    file.Position = 100;
                    file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 100).ToArray());
                }

                return;
            case "another database":
                File.Delete(path);
                break;
        }

        using var index = new SqliteConnection(path);
        index.Execute(what switch
        {
            "another database" => "CREATE TABLE t (x); PRAGMA user_version = 1",
            "of another history" => "UPDATE source SET epoch = 'another'; INSERT INTO words (rowid, text) VALUES (1, 'stale')",
            _ => "UPDATE rooms SET seq = 1000000",
        });
    }
}
