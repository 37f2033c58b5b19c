using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>The queue before the disk is full: what does not fit is refused, at once and by name, and what was taken is stored once.</summary>
public sealed class FaultsQueue
{
    [Theory]
    [InlineData("--Confab:QueueChanges=2")]
    [InlineData("--Confab:QueueBytes=1000")]
    public async Task A_full_queue_refuses_and_whoever_asks_again_with_the_same_id_is_stored_once(string bound)
    {
        const int Messages = 200;
        await using var server = await TestServer.Start("--limits=off", bound);
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        var open = Enumerable.Range(0, Messages).Select(i => $"{i}").ToHashSet();
        var refused = 0;
        var numbers = new Dictionary<long, string>();
        while (open.Count > 0)
        {
            // All in one packet, so that they come faster than a disk takes them.
            await ann.Send(WireFrame.Several(open.Select(id => WireFrame.Text($$"""{"type":"message","id":"{{id}}","room":"general","content":"{{id}}"}"""))));
            for (var answers = open.Count; answers > 0; answers--)
            {
                var answer = await ann.NextOf("ack", "error");
                if (answer.TypeOf() == "ack")
                {
                    Assert.True(open.Remove(answer.Text("id")!), $"{answer} was acknowledged before.");
                    numbers.Add(answer.Number("seq"), answer.Text("id")!);
                    continue;
                }

                Assert.Equal("unavailable", answer.Text("code"));
                Assert.True(answer.Number("retry_after_ms") > 0);
                refused++;
            }
        }

        Assert.True(refused > 0, "The queue was never full.");
        Assert.Equal(Enumerable.Range(1, Messages).Select(i => (long)i), numbers.Keys.Order());
        await using var bob = await server.Open();
        await bob.SendJson(new { type = "join", room = "general", username = "bob", after = 0 });
        for (var seq = 1; seq <= Messages; seq++)
        {
            var message = await bob.NextOf("message");
            Assert.Equal(seq, message.Number("seq"));
            Assert.Equal(numbers[seq], message.GetProperty("data").Text("content"));
        }
    }
}
