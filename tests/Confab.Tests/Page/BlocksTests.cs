using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>How the paragraphs of a message stand in the page.</summary>
public class BlocksTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task The_first_line_keeps_its_blanks()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Say("\n  /\\_/\\\n ( o.o )\n");
        await ann.Say("    if (a) b();");
        var said = await Log(Server.Http);
        Assert.Equal(["  /\\_/\\\n ( o.o )", "    if (a) b();"], said.Select(message => message.GetProperty("content").GetString()));
        await Expect(ann.Page.Locator(".feed .body pre")).ToHaveTextAsync("if (a) b();\n");
    }

    [Fact]
    public async Task Each_paragraph_has_the_direction_of_its_words_and_code_is_read_from_left_to_right()
    {
        await Post("Ben", "hello *you*\n\nשלום *לך* `x = 1;`\n\n- مرحبا\n\n|a|b|\n|:-|-:|\n|שלום|2|");
        await Post("Ben", "plain words\nשלום לך");
        var ann = await Visit("Ann", "/rooms/general");
        var body = ann.Message("hello").Locator(".body");
        await Expect(body).ToBeVisibleAsync();
        Assert.Equal(["ltr", "rtl"], await body.Locator("> p").EvaluateAllAsync<string[]>("(all) => all.map((one) => getComputedStyle(one).direction)"));
        Assert.Equal(["rtl"], await body.Locator("li").EvaluateAllAsync<string[]>("(all) => all.map((one) => getComputedStyle(one).direction)"));
        Assert.Equal(["ltr"], await body.Locator("code").EvaluateAllAsync<string[]>("(all) => all.map((one) => getComputedStyle(one).direction)"));
        Assert.Equal(["left", "right", "left", "right"], await body.Locator("th, td").EvaluateAllAsync<string[]>("(all) => all.map((one) => getComputedStyle(one).textAlign)"));
        // The second line of what has no markup stands at the right, too.
        Assert.True(await ann.Message("plain words").Locator(".body p").EvaluateAsync<bool>("""
            (block) => {
              const range = document.createRange();
              const text = block.firstChild;
              range.setStart(text, text.data.indexOf('\n') + 1);
              range.setEnd(text, text.data.length);
              const line = range.getBoundingClientRect();
              const box = block.getBoundingClientRect();
              return line.right > box.right - 2 && line.left > box.left + 2;
            }
            """));
    }
}
